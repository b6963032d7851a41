export const webFaults = [];

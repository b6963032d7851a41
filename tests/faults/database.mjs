export const databaseFaults = [];

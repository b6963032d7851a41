export async function countInstructions() { return {}; }

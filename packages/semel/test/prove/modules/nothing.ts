export const proven = true;

/** A module that a user might name by mistake. */
export const answer = 42;

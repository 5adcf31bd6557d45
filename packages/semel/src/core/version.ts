/** The version of this package; the house check holds it against package.json. */
export const VERSION: string = '0.1.0';

/** Reads the whole number that an option was given; undefined where it was not. Throws an error whose message says what to correct. */
export function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new RangeError(`--${name} must be a whole number from ${min} to ${max}; it is ${JSON.stringify(text)}`);
}

/** As {@link wholeNumber}, for one of some words. */
export function oneOf<Word extends string>(name: string, text: string | undefined, words: readonly Word[]): Word | undefined {
  const word = words.find((each) => each === text);
  if (text === undefined || word !== undefined) return word;
  throw new RangeError(`--${name} must be one of ${words.join(', ')}; it is ${JSON.stringify(text)}`);
}

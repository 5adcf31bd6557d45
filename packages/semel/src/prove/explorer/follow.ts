import type { Action } from './action.ts';
import type { Chooser } from './run.ts';

/** Takes the given choices, and the first step wherever they do not say. What is out of reach by now counts from the start again. */
export function following(choices: ReadonlyMap<number, number>): Chooser {
  let place = 0;
  return {
    choose(moves: readonly Action[]): number {
      if (moves.length === 1) return 0;
      return (choices.get(place++) ?? 0) % moves.length;
    },
  };
}

/** Choices as text: where another step than the first was taken. `4:2,17:1` */
export function choicesText(choices: Iterable<readonly [place: number, choice: number]>): string {
  return [...choices].map(([place, choice]) => `${place}:${choice}`).join(',');
}

/**
 * Reads what {@link choicesText} wrote.
 * @throws Error where it is something else
 */
export function choicesOf(text: string): ReadonlyMap<number, number> {
  const pairs = text.split(',').filter((part) => part !== '');
  return new Map(
    pairs.map((pair) => {
      const [place, choice] = pair.split(':').map(Number);
      if (!Number.isInteger(place) || !Number.isInteger(choice)) throw new Error(`${pair} is no choice: they look like 4:2, a place and which step is taken there`);
      return [place as number, choice as number];
    }),
  );
}

/** The choices of a run that differ from the first step. */
export function deviationsOf(choices: readonly number[]): ReadonlyMap<number, number> {
  return new Map(choices.flatMap((choice, place) => (choice === 0 ? [] : [[place, choice] as const])));
}

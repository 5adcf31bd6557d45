import { type Measure, measureOf, type Ratio } from './measure.ts';

/** The rate of one contender over that of another: more is better. */
export function rateOver(id: string, of: string, to: string, title: string, goal?: number): Ratio {
  return { id, title, goal, better: 'higher', of: [of, to], value: (round) => measureOf(round, of, 'rate') / measureOf(round, to, 'rate') };
}

/** One measure of a contender as it is: less is better. */
export function plain(id: string, of: string, measure: Measure, title: string, goal?: number): Ratio {
  return { id, title, goal, better: 'lower', of: [of], value: (round) => measureOf(round, of, measure) };
}

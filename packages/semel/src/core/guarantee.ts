/** The guarantees that a consumer can choose, the strongest first. */
export const GUARANTEES = ['exactly-once', 'at-least-once', 'at-most-once'] as const;

/** How often the effect of a message is made. Chosen per consumer, checked at start-up. */
export type Guarantee = (typeof GUARANTEES)[number];

/** What each guarantee means, in the words that the docs print. */
export const GUARANTEE_MEANINGS: Readonly<Record<Guarantee, string>> = {
  'exactly-once': 'The effect and the record of the message commit in one transaction: however often the message is delivered, its effect is made once.',
  'at-least-once': 'The message is acknowledged after its effect and leaves no record: a redelivery makes the effect again.',
  'at-most-once': 'The record of the message commits before its effect is tried: a failure or a crash loses the effect, and nothing makes it twice.',
};

/**
 * What was found.
 * - `repeated-effect`, `lost-effect`, `changed-effect`: the effects are not those of a run in which nothing went wrong;
 * - `outside-transaction`: an effect was there although its transaction had been rolled back;
 * - `repeated-publish`, `lost-publish`: so many messages were not published, or too many;
 * - `unstable-id`: two runs for one message published under two ids;
 * - `buried`: a message ended as a dead letter for one error, although a retry would have helped;
 * - `wrong-record`: the record that a message was handled is missing, or says something else;
 * - `stuck`: after everything was well again a message did not get through.
 */
export type ViolationKind =
  | 'repeated-effect'
  | 'lost-effect'
  | 'changed-effect'
  | 'outside-transaction'
  | 'repeated-publish'
  | 'lost-publish'
  | 'unstable-id'
  | 'buried'
  | 'wrong-record'
  | 'stuck';

/** Something that must not be. */
export interface Violation {
  readonly kind: ViolationKind;
  /** What was done, and where. */
  readonly fault: string;
  readonly step: string;
  /** In a sentence. */
  readonly summary: string;
  /** What happened, step by step. */
  readonly story: readonly string[];
  /** The lines of the user's code that are concerned, where they are known: `src/payments.ts:14`. */
  readonly site?: string;
  /** What the cause probably is, and what to do. */
  readonly hint: string;
}

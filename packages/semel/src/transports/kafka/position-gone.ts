import { SemelError } from '../../core/errors.ts';

/** A position that its log does not have. */
export interface Gap {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly beginning: bigint;
  readonly end: bigint;
  /** Whether it is read on from the beginning of what is left. */
  readonly goesOn: boolean;
}

/** The error that says what is missing: records that were removed unread, or a log that is shorter than what was read of it. */
export function positionGone({ topic, partition, offset, beginning, end, goesOn }: Gap): SemelError {
  const what =
    offset < beginning
      ? `${beginning - offset} records from ${offset} on were removed before they were read: the topic's retention is shorter than the consumer was away`
      : `it ends at ${end}, before position ${offset}: the log was truncated, or restored from a copy`;
  const then = goesOn
    ? `It is read on from ${beginning}; what was handled before is recognised by its record`
    : "It is not read on: set `onGap: 'continue'`, or give the topic its records back";
  return new SemelError('position-gone', `topic ${topic}, partition ${partition}: ${what}. ${then}`, {
    details: { topic, partition, offset: String(offset), beginning: String(beginning), end: String(end) },
  });
}

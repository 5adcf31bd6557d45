import { badOption, checkOptions, timeOf } from './core/options.ts';
import type { ReplayRequest } from './core/store.ts';

/** What is to be handled again, and who wants it. */
export interface ReplayOptions {
  /** Messages that were published at this time or later. */
  readonly from: Date;
  /** And before this one. @default now */
  readonly to?: Date;
  /** Of these only the messages with these ids. */
  readonly ids?: readonly string[];
  /** Who wants it; kept with the record. */
  readonly by: string;
  /** Why; kept with the record. */
  readonly reason: string;
}

/** The options as a store takes them; throws `bad-option`. */
export function replayRequestOf(consumer: string, options: ReplayOptions): ReplayRequest {
  const where = 'semel.replay';
  checkOptions(where, options, ['from', 'to', 'ids', 'by', 'reason']);
  const fromMs = timeOf(where, 'from', options.from);
  const toMs = options.to === undefined ? undefined : timeOf(where, 'to', options.to);
  if (toMs !== undefined && toMs <= fromMs) throw badOption(where, 'to', options.to, 'later than `from`');
  return {
    consumer,
    fromMs,
    ...(toMs === undefined ? {} : { toMs }),
    ...(options.ids === undefined ? {} : { ids: idsOf(where, options.ids) }),
    by: textOf(where, 'by', options.by),
    reason: textOf(where, 'reason', options.reason),
  };
}

function idsOf(where: string, ids: unknown): readonly string[] {
  if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string' && id !== '')) return [...ids];
  throw badOption(where, 'ids', ids, 'a list of message ids, with one at least');
}

const MAX_TEXT = 1_000;

function textOf(where: string, name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT) return value;
  throw badOption(where, name, value, `a text of at most ${MAX_TEXT} characters`);
}

import { SemelError } from './core/errors.ts';
import type { Identity } from './core/message.ts';
import { timeOf } from './core/options.ts';
import type { ImportedRecord, Inbox } from './core/store.ts';

/** A message that a consumer handled before Semel came. */
export interface HandledMessage extends Identity {
  /** When it was handled: its record is kept for the retention from then on. @default now */
  readonly at?: Date;
}

/** Records given to the store at once. */
const BATCH = 1_000;

/**
 * Gives records of handled messages to the inbox, in batches; returns how many were new.
 * @throws SemelError `field-missing` for an empty id or source, `bad-option` for a time that is none; the batches before are recorded
 */
export async function importInto(inbox: Inbox, consumer: string, handled: Iterable<HandledMessage> | AsyncIterable<HandledMessage>): Promise<number> {
  let batch: ImportedRecord[] = [];
  let [seen, imported] = [0, 0];
  for await (const message of handled) {
    batch.push(recordOf(message, seen));
    seen += 1;
    if (batch.length < BATCH) continue;
    imported += await inbox.import(consumer, batch);
    batch = [];
  }
  return batch.length === 0 ? imported : imported + (await inbox.import(consumer, batch));
}

function recordOf({ source, id, at }: HandledMessage, index: number): ImportedRecord {
  for (const [field, value] of Object.entries({ source, id })) {
    if (typeof value === 'string' && value !== '') continue;
    throw new SemelError('field-missing', `semel.importHandled: message ${index} has no ${field}, counted from 0`, { details: { index, field } });
  }
  return at === undefined ? { source, id } : { source, id, atMs: timeOf(`semel.importHandled, message ${index}`, 'at', at) };
}

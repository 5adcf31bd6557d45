import type { Delivery } from '../../../src/core/delivery.ts';
import type { Verdict } from '../../../src/core/store.ts';
import type { RoleCall } from './store-history.ts';

/** An answer without what each store numbers as it likes. */
export function readable(answer: RoleCall['answer'], nowMs: number): unknown {
  if ('refused' in answer) return `refused: ${answer.refused}`;
  const { value } = answer;
  if (Array.isArray(value)) return value.map((element) => readableElement(element));
  if (typeof value === 'number') return value <= nowMs ? 'now' : value;
  return value;
}

/** A verdict, without the error, which is the caller's own. */
export function readableVerdict(verdict: Verdict): unknown {
  switch (verdict.kind) {
    case 'failed':
      return { kind: 'failed', settlement: verdict.settlement };
    case 'released':
      return { kind: 'released' };
    default:
      return verdict;
  }
}

function readableElement(element: unknown): unknown {
  if (typeof element !== 'object' || element === null) return element;
  if ('receipt' in element) return readableDelivery(element as Delivery);
  if ('fence' in element) return 'an item';
  const { epoch: _epoch, ...rest } = element as { readonly epoch?: number };
  return rest;
}

/** The sequence ascends with the store's own numbers. */
function readableDelivery({ topic, content, attempt, history = [], suspect = false }: Delivery): unknown {
  if (!('message' in content)) return { topic, bytes: Buffer.from(content.bytes).toString('hex'), attempt, history, suspect };
  const { headers, data: _data, ...message } = content.message;
  const { sequence: _sequence, ...others } = headers;
  return { ...message, headers: others, json: content.json, attempt, history, suspect };
}

import { crc32 } from 'node:zlib';
import { SemelError } from '../../../core/errors.ts';
import type { RabbitmqMessage } from '../rabbitmq-client.ts';

/** Where a stream is read on. Over AMQP 0-9-1 a stream has no id: what stands before the position tells it from another one of its name. */
export interface StreamPosition {
  /** Of the record that follows. */
  readonly offset: number;
  /** Of the record before. */
  readonly checksum: number;
}

/** As the store keeps it. */
export function textOf({ offset, checksum }: StreamPosition): string {
  return `${offset}/${checksum.toString(16)}`;
}

/** Of what `textOf` wrote. */
export function positionOf(text: string): StreamPosition {
  const [offset = '', checksum = ''] = text.split('/');
  return { offset: Number(offset), checksum: Number.parseInt(checksum, 16) };
}

/** The position behind a record; undefined where it came out of no stream. */
export function endOf({ content, properties: { headers, messageId } }: RabbitmqMessage): StreamPosition | undefined {
  const offset = headers?.['x-stream-offset'];
  if (typeof offset !== 'number') return undefined;
  return { offset: offset + 1, checksum: crc32(content, crc32(typeof messageId === 'string' ? messageId : '')) };
}

/** Why a stream cannot be read on as if nothing were missing. */
export type Gap =
  /** After `offset - 1` comes `next`. */
  | { readonly kind: 'hole'; readonly offset: number; readonly next: number }
  /** What stands before `offset` is another record than the one that was read. */
  | { readonly kind: 'other'; readonly offset: number }
  /** Nothing stands before `offset`: the stream ends earlier. */
  | { readonly kind: 'shorter'; readonly offset: number };

/** The error that says what is missing, and what follows. */
export function positionGone(stream: string, gap: Gap, goesOn: boolean): SemelError {
  const then = goesOn
    ? `It is read on from ${gap.kind === 'hole' ? gap.next : 'its beginning'}; what was handled before is recognised by its record`
    : "It is not read on: set `onGap: 'continue'`, or give the stream its records back";
  return new SemelError('position-gone', `stream ${stream}: ${whatOf(gap)}. ${then}`, { details: { stream, ...gap } });
}

function whatOf(gap: Gap): string {
  if (gap.kind === 'shorter')
    return `no record came from position ${gap.offset - 1}, which was read before: the stream ends earlier, because it was made anew or restored from a copy`;
  if (gap.kind === 'other') return `record ${gap.offset - 1} is another one than was read there: the stream was made anew, or restored from a copy`;
  return (
    `records ${gap.offset} to ${gap.next - 1} do not come: its retention removed them before they were read, or they are not for AMQP 0-9-1 ` +
    '(a compressed batch, or offsets that clients of the stream protocol keep in the stream)'
  );
}

import type { Runtime } from '../../../core/runtime.ts';
import { channelOf, type Line, type RabbitmqMessage, unavailable, withinTime } from '../rabbitmq-client.ts';
import { endOf } from './stream-position.ts';

/** More than a chunk has records. */
const WHOLE_CHUNK = 65_535;
/** An empty stream says nothing. */
const EMPTY_MS = 500;

/** The offset that the next record of a stream will have, as its last chunk shows: the broker's own count of messages lags behind. */
export async function offsetAtEnd(line: Line, stream: string, { scheduler }: Runtime): Promise<number> {
  const channel = await channelOf(line);
  const came = new AbortController();
  let end = 0;
  const received = (message: RabbitmqMessage | null) => {
    end = (message && endOf(message)?.offset) ?? end;
    came.abort();
  };
  try {
    await channel.prefetch(WHOLE_CHUNK);
    await channel.consume(stream, received, { arguments: { 'x-stream-offset': 'last' } });
    await scheduler.sleep(EMPTY_MS, came.signal);
    await channel.checkQueue(stream); // the rest of the chunk comes before its answer
    return end;
  } catch (cause) {
    throw unavailable(`does not tell where stream ${stream} ends`, cause);
  } finally {
    await withinTime(channel.close());
  }
}

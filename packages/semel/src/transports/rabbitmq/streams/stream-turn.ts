import { channelOf, codeOf, type Line, unavailable, withinTime } from '../rabbitmq-client.ts';

const LOCKED = 405;

/**
 * Takes the turn to read, or says that another has it: an exclusive queue belongs to one connection, and is gone with it. Whoever has the turn already
 * keeps it. Over AMQP 0-9-1 a stream has no single active consumer.
 */
export async function takeTurn(line: Line, queue: string): Promise<boolean> {
  const channel = await channelOf(line);
  try {
    await channel.assertQueue(queue, { durable: false, exclusive: true, arguments: { 'x-queue-type': 'classic' } });
  } catch (cause) {
    if (codeOf(cause) === LOCKED) return false;
    throw unavailable(`does not tell whose turn it is to read (queue ${queue})`, cause);
  }
  await withinTime(channel.close());
  return true;
}

import { setTimeout } from 'node:timers/promises';
import type { ConsumeMessage } from 'amqplib';
import { expect, test } from 'vitest';
import { PlayedPositions } from '../../src/testing/transport-suite/played-positions.ts';
import { LogMember } from '../log-member.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { Corner } from './rabbitmq.ts';

const QUIET_MS = 300;
const KILOBYTE = 'x'.repeat(1_000);
/** The least that can be removed is a segment, and the last one stays. */
const SMALL = { 'x-stream-max-segment-size-bytes': 10_000, 'x-max-length-bytes': 20_000 };

/** What a bare client is sent within a while, from this offset on. */
async function offsetsFrom({ admin, topic }: Corner, start: unknown): Promise<readonly number[]> {
  const channel = await admin.createChannel();
  const messages: ConsumeMessage[] = [];
  await channel.prefetch(1_000);
  await channel.consume(topic, (message) => void (message && messages.push(message)), { arguments: { 'x-stream-offset': start } });
  await setTimeout(QUIET_MS);
  await channel.close();
  return messages.map(({ properties }) => properties.headers?.['x-stream-offset']);
}

async function write({ admin, topic }: Corner, texts: readonly string[]): Promise<void> {
  const channel = await admin.createConfirmChannel();
  for (const text of texts) {
    channel.publish(topic, 'any', Buffer.from(text));
    await channel.waitForConfirms(); // each in a chunk of its own
  }
  await channel.close();
}

const numbered = (what: string, count: number, more = '') => Array.from({ length: count }, (_, index) => `${what}${index}${more}`);

/** Writes until retention has removed the beginning. */
async function truncate(corner: Corner): Promise<void> {
  await write(corner, numbered('new', 60, KILOBYTE));
  await expect.poll(async () => (await offsetsFrom(corner, 'first'))[0], { timeout: 10_000 }).toBeGreaterThan(20);
}

/** What a member takes, and the codes of what it is told meanwhile. */
async function outcome(member: LogMember, count: number, patienceMs: number): Promise<{ readonly texts: readonly string[]; readonly codes: readonly string[] }> {
  const [texts, codes]: [string[], string[]] = [[], []];
  const signal = AbortSignal.timeout(patienceMs);
  while (texts.length < count && !signal.aborted) {
    await member.takesNext(count - texts.length, signal).then(
      (more) => texts.push(...more),
      (error) => codes.push(error.code),
    );
  }
  return { texts, codes };
}

/** Registers the tests of one series: what a stream does to who reads it. */
export function streamsTests(service: 'rabbitmq' | 'rabbitmq-3'): void {
  describeWith(service, `a stream of ${service}`, () => {
    async function cornerWith(more: Readonly<Record<string, unknown>> = {}): Promise<Corner> {
      const corner = await Corner.open(serviceUrl(service) as string);
      await corner.makeStream(more);
      return corner;
    }

    test('trap 28: naive: where an offset is gone, the broker begins with the next one there is, in silence', async () => {
      await using corner = await cornerWith(SMALL);
      await truncate(corner);
      expect((await offsetsFrom(corner, 3))[0]).toBeGreaterThan(20);
    });

    test('trap 28: naive: of a stream that was made anew, what is before the old position never comes, in silence', async () => {
      await using corner = await cornerWith();
      await write(corner, numbered('m', 5));
      expect([await offsetsFrom(corner, 100), await offsetsFrom(corner, 3)]).toEqual([[], [3, 4]]);
    });

    test('the broker takes an offset for itself where a segment begins, and no more', async () => {
      await using corner = await cornerWith({ 'x-stream-max-segment-size-bytes': 10_000 });
      await write(corner, numbered('m', 60, KILOBYTE));
      const offsets = await offsetsFrom(corner, 'first');
      const steps = offsets.slice(1).map((offset, index) => offset - (offsets[index] as number));
      expect([offsets.length, new Set(steps)]).toEqual([60, new Set([1, 2])]);
    });

    test('it has no single active consumer over AMQP 0-9-1', async () => {
      await using corner = await cornerWith();
      const channel = await corner.admin.createChannel();
      channel.on('error', () => {});
      const declared = channel.assertQueue(`${corner.topic}.sac`, { durable: true, arguments: { 'x-queue-type': 'stream', 'x-single-active-consumer': true } });
      await expect(declared).rejects.toThrow('x-single-active-consumer');
    });

    test('trap 28: records that were removed unread are told; the stream stops, or goes on with what is left', async () => {
      await using corner = await cornerWith(SMALL);
      const positions = new PlayedPositions();
      await write(corner, numbered('old', 3, KILOBYTE));
      {
        await using member = await LogMember.join(corner.streams({ arguments: SMALL }), corner.topic, { positions });
        expect(await member.takes(3)).toHaveLength(3);
      }
      await truncate(corner);
      {
        await using member = await LogMember.join(corner.streams({ arguments: SMALL }), corner.topic, { positions });
        expect(await outcome(member, 1, 1_500)).toEqual({ texts: [], codes: ['position-gone'] });
      }
      await using member = await LogMember.join(corner.streams({ arguments: SMALL, onGap: 'continue' }), corner.topic, { positions });
      const { texts, codes } = await outcome(member, 60, 2_000);
      expect([texts.length > 0, texts, codes]).toEqual([true, numbered('new', 60, KILOBYTE).slice(-texts.length), ['position-gone']]);
    });

    for (const [what, records] of [
      ['as long', 9],
      ['shorter', 2],
    ] as const) {
      test(`trap 28: a stream that is made anew under its name, and ${what}, is not taken for the old one`, { timeout: 30_000 }, async () => {
        await using corner = await cornerWith();
        const positions = new PlayedPositions();
        await write(corner, numbered('old', 5));
        await using member = await LogMember.join(corner.streams({ onGap: 'continue' }), corner.topic, { positions });
        expect(await member.takes(5)).toEqual(numbered('old', 5));
        await (await corner.admin.createChannel()).deleteQueue(corner.topic);
        await corner.makeStream();
        await write(corner, numbered('new', records));
        const { texts, codes } = await outcome(member, records, 15_000);
        expect([texts, codes.at(-1)]).toEqual([numbered('new', records), 'position-gone']);
      });
    }

    test('trap 29: one reads at a time; who waits goes on once the connection of the other is gone, under a new epoch', async () => {
      await using corner = await cornerWith();
      const positions = new PlayedPositions();
      await write(corner, numbered('m', 20));
      const first = await LogMember.join(corner.streams(), corner.topic, { positions });
      await using second = await LogMember.join(corner.streams(), corner.topic, { positions });
      expect(await first.takes(5)).toEqual(numbered('m', 5));
      const late = await first.feed.receive({ max: 3, signal: AbortSignal.timeout(1_000) });
      expect([late.length, await second.takes(1, QUIET_MS)]).toEqual([3, []]);
      await first.feed.close();
      expect(await second.takes(15)).toEqual(numbered('m', 20).slice(5));
      expect(late.map(({ receipt }) => positions.advance('test', receipt))).toEqual([false, false, false]);
    });

    test('from now on: what came before is not read', async () => {
      await using corner = await cornerWith();
      await write(corner, numbered('before', 3));
      await using member = await LogMember.join(corner.streams(), corner.topic, { given: { from: 'now' } });
      await write(corner, ['after']);
      expect(await member.takes(2, 1_000)).toEqual(['after']);
    });

    test('thousands are read in order, with few sent ahead', async () => {
      await using corner = await cornerWith();
      const channel = await corner.admin.createConfirmChannel();
      for (const text of numbered('m', 5_000)) channel.publish(corner.topic, 'any', Buffer.from(text));
      await channel.waitForConfirms();
      await using member = await LogMember.join(corner.streams({ prefetch: 100 }), corner.topic);
      expect(await member.takes(5_000, 20_000)).toEqual(numbered('m', 5_000));
      expect(await member.feed.pending?.()).toBe(0);
    });
  });
}

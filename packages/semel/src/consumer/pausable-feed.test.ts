import { manualRuntime } from 'semel/testing';
import { expect, test } from 'vitest';
import type { Delivery } from '../core/delivery.ts';
import type { Registry } from '../core/store.ts';
import type { Feed, Settled } from '../core/transport.ts';
import { PausableFeed } from './pausable-feed.ts';

const delivery = {} as Delivery;
const RECEIVE = { max: 1, signal: new AbortController().signal };

/** A feed that brings one delivery, of a consumer about whose pause the store answers in turn: until when, or why it cannot tell. */
function feedWith(...answers: readonly (number | undefined | Error)[]): { readonly feed: PausableFeed; readonly settled: Settled[] } {
  const settled: Settled[] = [];
  const inner = { receive: async () => [delivery], settle: async (given: readonly Settled[]) => void settled.push(...given) } as Partial<Feed> as Feed;
  const left = [...answers];
  const pausedUntilMs = async () => {
    const answer = left.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { feed: new PausableFeed(inner, { pausedUntilMs } as Partial<Registry> as Registry, 'charge', manualRuntime({ nowMs: 1_000 })), settled };
}

test('what was received when the pause came is given back', async () => {
  const { feed, settled } = feedWith(undefined, 2_000);
  expect(await feed.receive(RECEIVE)).toEqual([]);
  expect(settled).toEqual([{ delivery, outcome: { kind: 'released' } }]);
});

test('found: what was received when the store fell silent is not lost', async () => {
  const { feed } = feedWith(undefined, new Error('the line is cut'));
  expect(await feed.receive(RECEIVE)).toEqual([delivery]);
});

test('where the store does not answer nothing is received', async () => {
  await expect(feedWith(new Error('the line is cut')).feed.receive(RECEIVE)).rejects.toThrow('the line is cut');
});

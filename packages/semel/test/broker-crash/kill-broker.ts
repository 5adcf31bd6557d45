import { setTimeout } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import { expect } from 'vitest';
import type { OwnServer } from '../../../../scripts/services/own-server.ts';
import type { BrokerCrew } from './crew.ts';

/** A server, or a part of one, that is killed and started again. */
export type Killable = Pick<OwnServer, 'crash' | 'restart'>;

/** Kills the broker and starts it again at random instants, while a shop publishes to it and two others consume; then the same processes have to do the rest by themselves. */
export async function killBroker(crew: BrokerCrew, server: Killable, { kills, seed }: { readonly kills: number; readonly seed: number }): Promise<void> {
  const random = seededRandom(seed);
  const shop = crew.spawn('shop');
  const placed = crew.says(shop, 'placed');
  const others = [crew.spawn('billing'), crew.spawn('billing')];
  await Promise.all([shop, ...others].map((child) => crew.says(child, 'started')));
  for (let killed = 0; killed < kills; killed++) {
    await setTimeout(random() * 1_000);
    await server.crash();
    await setTimeout(random() * 500);
    await server.restart();
  }
  expect(await placed).toBe(true);
  for (const child of [shop, ...others, ...others]) expect(await crew.says(child, 'idle')).toBe(true); // work may go to and fro between the two
  for (const child of [shop, ...others]) await crew.kill(child);
  await crew.finish('fragile');
  expect(await crew.faults()).toEqual([]);
}

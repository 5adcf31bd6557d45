import { setTimeout as sleep } from 'node:timers/promises';
import { connected } from '../postgres/tables.ts';
import { Countdown } from '../processes/countdown.ts';
import { drained, type Job, type Report } from '../processes/program.ts';
import type { Broker, Stop } from './broker.ts';

const PATIENCE_MS = 5000;
/** A quorum queue takes many acknowledgements in by and by; what it has not when their channel ends comes again, and would be counted as left. */
const SETTLING_MS = 500;

/**
 * Times a consumer from the first message that it begins with to the commit of the last: what joining a group takes does not count. Then it looks whether
 * all were acknowledged.
 *
 * @param begin starts the consumer, which tells how many messages it begins with
 */
export async function measureConsumption({ url, count }: Job, broker: Broker, begin: (beginning: (messages: number) => void) => Promise<Stop>): Promise<Report> {
  const admin = await connected(url);
  const countdown = new Countdown(count);
  const stop = await begin((messages) => countdown.tick(messages));
  await countdown.over;
  await drained(admin, `select 1 having (select count(*) from shop.payments) < ${count}`);
  const spentMs = performance.now() - countdown.beganMs;
  await sleep(SETTLING_MS);
  await stop();
  await expectLeft(broker, 0);
  return { messages: count, spentMs };
}

/** Waits for a while until so many messages are left at the broker, whose count may come late; throws where it does not. */
export async function expectLeft(broker: Broker, expected: number): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (let left = await broker.left(); left !== expected; left = await broker.left()) {
    if (performance.now() > deadlineMs) throw new Error(`error: ${left} messages are left at the broker, and not ${expected}`);
    await sleep(100);
  }
}

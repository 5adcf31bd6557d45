import type { LifecycleEvent } from 'semel';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { committed } from './committed.ts';
import { endOf, proxied } from './cut-end.ts';
import { quietKafka, uniqueName } from './kafka.ts';
import { Pipe, pipeTopics, someOrders, sumsOf, totalsIn } from './pipe.ts';

const client = quietKafka();

describeWith('kafka', 'the answer to the end of a transaction is lost', () => {
  for (const then of ['cut-reply', 'cut-before-request'] as const) {
    test(`traps 19 and 50: ${then}: the coordinator is asked again, and each message is handled once`, async () => {
      const topics = await pipeTopics(client);
      const { proxy, through } = await proxied();
      const transactionalId = uniqueName('cut');
      const pipe = new Pipe(through, topics, { transactionalId }).sum(undefined, { group: { max: 20 } });
      const events: LifecycleEvent[] = [];
      pipe.semel.observe((event) => void events.push(event));
      const placing = new Pipe(client, topics);
      onTestFinished(() => placing.semel.close());
      await placing.place(someOrders(70));
      const cut = proxy.once({ request: endOf(transactionalId), then });
      const running = await pipe.semel.start();
      onTestFinished(() => running.stop());
      await cut;
      await running.idle();
      expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(70)));
      expect(events.filter(({ type }) => type === 'unknown')).toEqual([]);
    });
  }

  test('trap 19: a business transaction whose end was lost is resolved as well', async () => {
    const topics = await pipeTopics(client);
    const { proxy, through } = await proxied();
    const transactionalId = uniqueName('cut');
    const pipe = new Pipe(through, topics, { transactionalId });
    onTestFinished(() => pipe.semel.close());
    await pipe.semel.open();
    const cut = proxy.once({ request: endOf(transactionalId), then: 'cut-reply' });
    await pipe.place(someOrders(5));
    await cut;
    await pipe.place(someOrders(5, 5));
    expect(await committed(client, topics.orders)).toHaveLength(10);
  });

  test('trap 50: nobody can tell while no broker answers: it is unknown, and found out by the position once one does', async () => {
    const topics = await pipeTopics(client);
    const { proxy, through } = await proxied();
    const transactionalId = uniqueName('away');
    const pipe = new Pipe(through, topics, { transactionalId }).sum(undefined, { group: { max: 20 } });
    const unknown: LifecycleEvent[] = [];
    pipe.semel.observe((event) => void (event.type === 'unknown' && unknown.push(event)));
    const placing = new Pipe(client, topics);
    onTestFinished(() => placing.semel.close());
    await placing.place(someOrders(40));
    const cut = proxy.once({ request: endOf(transactionalId), then: 'cut-after-request' });
    const running = await pipe.semel.start();
    onTestFinished(() => running.stop());
    await cut;
    proxy.cut();
    await expect.poll(() => unknown.length, { timeout: 20_000 }).toBeGreaterThan(0);
    proxy.pass();
    await running.idle();
    expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(40)));
  });
});

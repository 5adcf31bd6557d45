import { randomUUID } from 'node:crypto';
import { types } from 'node:util';
import { CONSUMER_BOUNDARIES, type Consumer, type Publish } from 'semel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ledger } from './ledger.ts';
import { declaring, kindsOf, MESSAGES, notes, orders, prove, receipts } from './shop.ts';

const THIS_FILE = 'findings-suite.ts';

/** What proveOnce says of good handlers and of bad ones, on one kind of database. */
export function findingsSuite<Tx>(
  open: () => Promise<Ledger<Tx>>,
  about: {
    /** Ends a transaction whose statement failed, whatever its handler catches. */
    readonly abortsOnError: boolean;
    /** A handler can reach it beside `tx`. */
    readonly hasConnections: boolean;
  },
): void {
  let ledger: Ledger;

  beforeAll(async () => {
    ledger = (await open()) as Ledger;
  });
  afterAll(() => ledger[Symbol.asyncDispose]());

  const good: readonly (readonly [name: string, () => Consumer])[] = [
    ['a handler that writes and publishes', () => charging()],
    ['one whose messages have a transaction each', () => charging({ group: false })],
    ['one whose handlers run at once', () => charging({ group: 'concurrent' })],
    [
      'one for a whole group',
      () =>
        declaring((semel) =>
          semel.consumeSet(orders, { name: 'charges', publishes: [receipts] }, async ({ messages, tx, publish }) => {
            for (const { data } of messages) {
              await ledger.charge(tx, data.order, data.cents);
              await publish(receipts, { order: data.order });
            }
          }),
        ),
    ],
    ['one whose published messages get their ids from Semel', () => publishing((publish, order) => publish(notes, { order }))],
  ];
  test.each(good)('proves %s', async (_name, consumer) => {
    const report = await prove(ledger, consumer());
    expect(`${report}`).toContain(': proven (');
    expect(report.ok).toBe(true);
    report.assert();
    for (const step of CONSUMER_BOUNDARIES) expect(report.cells).toContainEqual({ fault: 'crash', step, trials: 1, hits: 1, violations: 0 });
    expect(report.cells.every(({ hits }) => hits === 1)).toBe(true);
    expect(report.facts.control).toBe('repeated');
  });

  test('an error is thrown, and a worker dies, before each use of tx and publish', async () => {
    const { cells } = await prove(ledger, charging());
    const steps = (fault: string) => cells.flatMap((cell) => (cell.fault === fault && cell.site !== undefined ? [cell.step] : []));
    expect(steps('crash').filter((step) => step.startsWith('publish'))).toHaveLength(2);
    expect(steps('crash').filter((step) => step.startsWith('statement'))).toHaveLength(2);
    expect(steps('throw')).toEqual(steps('crash'));
  });

  test('trap 42: finds a write outside tx, between the lines where it is made', async () => {
    const mails: string[] = [];
    const consumer = declaring((semel) =>
      semel.consume(orders, { name: 'charge', publishes: [receipts] }, async ({ message, tx, publish }) => {
        await ledger.charge(tx, message.data.order, message.data.cents);
        mails.push(message.id);
        await publish(receipts, { order: message.data.order });
      }),
    );
    const report = await prove(ledger, consumer, { effect: () => mails.length });
    expect(report.verdict).toBe('refuted');
    expect(kindsOf(report)).toEqual(['outside-transaction', 'repeated-effect']);
    const [first] = report.violations;
    expect(first).toMatchObject({ kind: 'outside-transaction', fault: 'crash', hint: expect.stringContaining('Write with `tx`') });
    expect(first?.site).toMatch(/ledger\.ts:\d+ … .*findings-suite\.ts:\d+$/);
    expect(first?.story.join('\n')).toMatch(/worker 1 dies .*; what it has not committed is gone\nthe effects now: 1\nworker 2 is given A1\/placed, B7\/placed/);
    expect(() => report.assert()).toThrowError(expect.objectContaining({ code: 'not-proven', message: `${report}` }));
  });

  test('names the line of a handler that uses no tx at all', async () => {
    const mails: string[] = [];
    const consumer = declaring((semel) => semel.consume(orders, { name: 'mail' }, ({ message }) => void mails.push(message.id)));
    const report = await prove(ledger, consumer, { effect: () => mails });
    expect(report.violations[0]).toMatchObject({ kind: 'outside-transaction', site: expect.stringMatching(`${THIS_FILE}:\\d+$`) });
    expect(`${report}`).toContain('the handler was not seen to use `tx` or `publish`');
  });

  const through = about.hasConnections ? test : () => {};
  through('trap 42: finds a write through a connection of its own', async () => {
    const consumer = declaring((semel) => semel.consume(orders, { name: 'charge' }, ({ message }) => ledger.chargeOutside?.(message.data.order, message.data.cents)));
    const report = await prove(ledger, consumer);
    expect(report.verdict).toBe('refuted');
    expect(report.violations[0]).toMatchObject({ kind: 'outside-transaction', site: expect.stringMatching(/\.ts:\d+$/) });
  });

  test('trap 43: of a handler that swallows a failed statement', async () => {
    const consumer = declaring((semel) =>
      semel.consume(orders, { name: 'charge' }, async ({ message, tx }) => {
        await ledger.charge(tx, message.data.order, message.data.cents).catch(() => {});
      }),
    );
    const report = await prove(ledger, consumer);
    if (about.abortsOnError) return expect(kindsOf(report)).toEqual(['buried']); // the server has ended the transaction, which Semel sees
    expect(kindsOf(report)).toEqual(['lost-effect']);
    expect(report.violations[0]).toMatchObject({
      fault: 'throw',
      step: 'statement 1',
      site: expect.stringContaining('ledger.ts:'),
      hint: expect.stringContaining('caught an error and went on'),
    });
  });

  test('finds a swallowed error of a publish', async () => {
    const report = await prove(
      ledger,
      publishing((publish, order) => publish(receipts, { order }).catch(() => {})),
    );
    expect(kindsOf(report)).toEqual(['lost-publish']);
    expect(report.violations[0]).toMatchObject({ fault: 'throw', summary: 'published: 0 × a message of receipts because of A1/placed instead of 1' });
  });

  test('finds an id that is made anew in each run', async () => {
    const report = await prove(
      ledger,
      publishing((publish, order) => publish(notes, { order }, { id: randomUUID() })),
    );
    expect(kindsOf(report)).toEqual(['unstable-id']);
    expect(report.violations[0]).toMatchObject({
      summary: expect.stringMatching(/^two runs for A1\/placed published to notes under two ids: /),
      site: expect.stringContaining(THIS_FILE),
    });
  });

  test('finds what a handler remembers past a rollback', async () => {
    const known = new Set<string>();
    const consumer = declaring((semel) =>
      semel.consume(orders, { name: 'charge' }, async ({ message, tx }) => {
        const key = `${message.source} ${message.id}`;
        if (known.has(key)) return;
        known.add(key);
        await ledger.charge(tx, message.data.order, message.data.cents);
      }),
    );
    const report = await prove(ledger, consumer);
    expect(kindsOf(report)).toEqual(['lost-effect']);
    expect(`${report}`).toContain('a set or a cache in memory');
  });

  test.each([
    ['at-least-once', 'repeated-effect', 'handles at least once'],
    ['at-most-once', 'lost-effect', 'lets go of a message before it handles it'],
  ] as const)('refutes %s', async (guarantee, kind, hint) => {
    const mails: string[] = [];
    const consumer = declaring((semel) => semel.consume(orders, { name: 'mail', guarantee }, ({ message }) => void mails.push(message.id)));
    const report = await prove(ledger, consumer, { effect: () => mails });
    expect(kindsOf(report)).toEqual([kind]);
    expect(report.violations[0]?.hint).toContain(hint);
  });

  test('proves nothing where the effect is not seen', async () => {
    const report = await prove(ledger, charging(), { effect: () => 7 });
    expect(report.facts).toMatchObject({ verdict: 'inconclusive', control: 'unseen', violations: [] });
    expect(`${report}`).toContain('This proves nothing: `effect` gives the same before and after the handler');
  });

  test('proves nothing where a second run leaves what the first one left', async () => {
    const report = await prove(ledger, charging(), { effect: async (db) => new Set((await ledger.charges(db)).map((row) => row.order_id)).size });
    expect(report.facts).toMatchObject({ verdict: 'inconclusive', control: 'unchanged', violations: [] });
  });

  test('proves nothing where the handler fails by itself, and says where', async () => {
    const consumer = declaring((semel) =>
      semel.consume(orders, { name: 'charge' }, () => {
        throw new TypeError('of its own');
      }),
    );
    const report = await prove(ledger, consumer);
    expect(report.verdict).toBe('inconclusive');
    expect(report.facts.reason).toMatch(/did not get through with A1\/placed, although nothing went wrong: TypeError: of its own \(.*findings-suite\.ts:\d+\)$/);
    await expect(prove(ledger, consumer, { assert: true })).rejects.toMatchObject({ code: 'not-proven' });
  });

  test('proves nothing where two runs differ by themselves', async () => {
    let run = 0;
    const consumer = declaring((semel) => semel.consume(orders, { name: 'charge' }, ({ message, tx }) => ledger.charge(tx, message.data.order, run++)));
    const report = await prove(ledger, consumer);
    expect(report.verdict).toBe('inconclusive');
    expect(report.facts.reason).toContain('leave times and numbers of rows out of `effect`');
  });

  test('leaves a client alone that does not bear to be watched, and says so', async () => {
    const consumer = declaring((semel) =>
      semel.consume(orders, { name: 'charge' }, async ({ message, tx }) => {
        if (types.isProxy(tx)) throw new Error('not its own');
        await ledger.charge(tx, message.data.order, message.data.cents);
      }),
    );
    const report = await prove(ledger, consumer);
    expect(report.facts).toMatchObject({ verdict: 'proven', notes: [expect.stringContaining('nothing was done between its statements')] });
  });

  test('needs no `prepare` where a handler does not mind what is there, nor more than one message', async () => {
    const report = await prove({ ...ledger, prepare: () => {} }, charging(), { messages: MESSAGES.slice(0, 1) });
    expect(report.ok, `${report}`).toBe(true);
  });

  test('the same seed gives the same report', async () => {
    const [first, second] = [await prove(ledger, charging(), { seed: 3 }), await prove(ledger, charging(), { seed: 3 })];
    expect({ ...first.facts, durationMs: 0 }).toEqual({ ...second.facts, durationMs: 0 });
  });

  function charging(options: { readonly group?: false | 'concurrent' } = {}): Consumer {
    return publishing((publish, order) => publish(receipts, { order }), options);
  }

  function publishing(
    send: (publish: Publish<typeof receipts | typeof notes>, order: string) => Promise<unknown>,
    options: { readonly group?: false | 'concurrent' } = {},
  ): Consumer {
    return declaring((semel) =>
      semel.consume(orders, { name: 'charge', publishes: [receipts, notes], ...options }, async ({ message, tx, publish }) => {
        await ledger.charge(tx, message.data.order, message.data.cents);
        await send(publish, message.data.order);
      }),
    );
  }
}

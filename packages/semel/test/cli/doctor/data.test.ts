import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BAD, GOOD, WORSE } from '../../../src/cli/shop-fixture.ts';
import { describeWith } from '../../services/describe-with.ts';
import { PostgresShop } from '../postgres-shop.ts';
import { diagnose, run } from './diagnosis.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describeWith('postgres', 'doctor on the data', () => {
  let shop: PostgresShop;
  beforeAll(async () => {
    shop = await (await PostgresShop.open()).sell(GOOD);
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  /** As if all of this had happened earlier. */
  const age = (sql: string, ms: number) => shop.alter(sql.replaceAll('{ms}', String(ms)));

  test('clock: this machine and the server differ', async () => {
    expect(await diagnose(shop, 'clock')).toMatchObject({ level: 'ok' });
    const machineAt = (aheadMs: number) => diagnose(shop, 'clock', '', { nowMs: Date.now() + aheadMs });
    expect(await machineAt(-3.5 * HOUR_MS)).toMatchObject({ level: 'warn', found: expect.stringMatching(/^the database's clock is 3h \d+m ahead of this machine's$/) });
    expect(await machineAt(3.5 * HOUR_MS)).toMatchObject({ level: 'warn', found: expect.stringMatching(/^the database's clock is 3h \d+m behind this machine's$/) });
  });

  test('clock: the server was ahead when it wrote', async () => {
    await age('update semel.messages set published_at_ms = published_at_ms + {ms}', 5.5 * HOUR_MS);
    expect(await diagnose(shop, 'clock')).toMatchObject({ level: 'warn', found: expect.stringMatching(/^the newest row was written 5h \d+m in the future$/) });
    await age('update semel.messages set published_at_ms = published_at_ms - {ms}', 5.5 * HOUR_MS);
    expect(await diagnose(shop, 'clock')).toMatchObject({ level: 'ok' });
  });

  test('leases: a worker died with messages in hand, and another takes them over', async () => {
    await shop.alter("insert into semel.queue (subscription_id, seq, key) select subscription_id, seq, 'C9' from semel.subscriptions, semel.messages");
    await age(
      "insert into semel.leases (subscription_id, until_ms, lease_ms, seqs, keys) select 1, extract(epoch from now()) * 1000 - {ms}, 1000, array_agg(seq), '{C9}' from semel.queue",
      1.5 * HOUR_MS,
    );
    const leases = await diagnose(shop, 'leases');
    expect(leases).toMatchObject({
      level: 'warn',
      found: expect.stringMatching(/^payments: 1 in flight, their lease ran out 1h \d+m ago$/),
      todo: expect.stringContaining('start one'),
    });
    await shop.sell();
    expect(await diagnose(shop, 'leases')).toMatchObject({ level: 'ok' });
  });

  test('retention: what outlived it goes by the command told', async () => {
    await age('update semel.messages set published_at_ms = published_at_ms - {ms}; update semel.inbox set at_ms = at_ms - {ms}', 40 * DAY_MS);
    const retention = await diagnose(shop, 'retention', '--messages 36h');
    expect(retention).toMatchObject({ level: 'warn', found: '1 message and 1 inbox record outlived it (messages 1d 12h, inbox 30d) by more than a day' });
    expect(retention.commands).toEqual(['semel prune --messages 36h --inbox 30d']);
    await run(shop, ...retention.commands);
    expect(await diagnose(shop, 'retention')).toMatchObject({ level: 'ok' });
  });

  test('trap 12: window: a transport brought a message later than the inbox remembers', async () => {
    await using late = await (await PostgresShop.open()).sell(BAD, WORSE);
    await late.alter("update semel.dead_letters set time = '0000-01-01T00:00:00Z' where id = 'A3'");
    expect(await diagnose(late, 'window')).toMatchObject({ level: 'ok' });
    await late.alter("delete from semel.dead_letters where id = 'A3'; update semel.subscriptions set kind = 'remote'");
    expect(await diagnose(late, 'window')).toMatchObject({ level: 'ok' });
    await late.alter(`update semel.dead_letters set time = '${new Date(Date.now() - 40 * DAY_MS).toISOString()}'`);
    const window = await diagnose(late, 'window');
    expect(window).toMatchObject({ level: 'warn', found: expect.stringMatching(/^payments: a message came 39d.* after it happened; the inbox remembers 30d/) });
    expect(window.commands[0]).toMatch(/^retention: \{ inboxMs: 41 \* 86_400_000 \}$/);
    expect(await diagnose(late, 'window', window.commands[1]?.replace('semel doctor', ''))).toMatchObject({ level: 'ok' });
  });

  test('durability: commits that are answered too early, in the database or for the role', async () => {
    const [database, role] = [new URL(shop.address).pathname.slice(1), `app_${randomBytes(4).toString('hex')}`];
    await shop.alter(`create role ${role} superuser login`);
    const store = `--store ${Object.assign(new URL(shop.address), { username: role }).href}`;
    for (const where of [`database ${database}`, `role ${role}`, `role ${role} in database ${database}`]) {
      await shop.alter(`alter ${where} set synchronous_commit = off`);
      const durability = await diagnose(shop, 'durability', store);
      expect(durability).toMatchObject({ level: 'fail', found: 'synchronous_commit off: a crash loses messages that were acknowledged' });
      expect(durability.commands).toEqual([`alter ${where} reset synchronous_commit`]);
      await run(shop, ...durability.commands);
      expect(await diagnose(shop, 'durability', store)).toMatchObject({ level: 'ok' });
    }
    await shop.alter(`drop role ${role}`);
  });

  test('trap 57: messages that wait, for a consumer that is gone', async () => {
    await using left = await (await PostgresShop.open()).sell();
    await left.alter(`insert into semel.messages (source, id, topic, type, time, headers, data, fingerprint, published_at_ms) values ('shop', 'A9', 'orders', 'orders', '', '{}', '{}', '', 0);
      insert into semel.queue (subscription_id, seq) select subscription_id, seq from semel.subscriptions, semel.messages; update semel.subscriptions set seen_at_ms = 0`);
    expect(await diagnose(left, 'waiting-messages')).toMatchObject({ level: 'warn', found: expect.stringMatching(/^payments: 1 message pending, the oldest for \d+d/) });
    const gone = await diagnose(left, 'gone-consumers');
    expect(gone).toMatchObject({ level: 'warn', found: expect.stringMatching(/^payments: last started \d+d( \d+h)? ago, 1 message pending$/) });
    await run(
      left,
      gone.commands.find((command) => command.startsWith('semel remove')),
    );
    for (const check of ['waiting-messages', 'gone-consumers']) expect(await diagnose(left, check)).toMatchObject({ level: 'ok' });
  });
});

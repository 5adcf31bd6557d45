import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { Crew } from '../crash/crew.ts';
import { PATIENT, SEED } from './under-load.ts';
import { withDatabase } from './with-database.ts';

/** Where the process is when it stops: with a lease and no transaction, inside its handler's transaction, and with nothing left to do but to commit. */
const BOUNDARIES = ['received', 'handled', 'committing'] as const;

/** How long the server bears with the transaction of a process that is stopped. */
const IDLE_TIMEOUT_MS = 400;

withDatabase('a worker that stops', (url) => {
  test(`trap 11: stopped past its lease when ${BOUNDARIES.join(', ')}, and woken: another handled its messages, and none of its writes count (seed ${SEED})`, PATIENT, async () => {
    const admin = new pg.Pool({ connectionString: url(), max: 1 });
    const writersOf = async (messages: readonly string[]) =>
      (await admin.query("select writer from charges where order_id || '/placed' = any($1) order by position", [messages])).rows.map(({ writer }) => Number(writer));
    using crew = new Crew(url(), { seed: SEED });
    await crew.makeTables();
    for (const [index, boundary] of BOUNDARIES.entries()) {
      await crew.publishes(20 * (index + 1));
      const stopped = crew.spawn('shop', { at: `${boundary}#1#SIGSTOP#charge`, idleTimeoutMs: IDLE_TIMEOUT_MS });
      const { messages } = await crew.reaches(stopped);
      expect(await writersOf(messages)).toEqual([]);
      const successor = await crew.started('shop');
      const bySuccessor = messages.map(() => successor.pid);
      await vi.waitFor(async () => expect(await writersOf(messages)).toEqual(bySuccessor), { timeout: 20_000, interval: 20 });
      stopped.kill('SIGCONT');
      expect(await crew.becomesIdle(stopped)).toBe(true);
      expect(await writersOf(messages)).toEqual(bySuccessor);
      for (const worker of [stopped, successor]) await crew.kill(worker);
    }
    await crew.finish();
    await admin.end();
    expect((await crew.audit()).faults).toEqual([]);
  });
});

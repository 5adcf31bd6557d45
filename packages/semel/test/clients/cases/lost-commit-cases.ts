import { type FaultProxy, faultProxy } from 'semel/testing';
import { expect } from 'vitest';
import type { TestClient } from '../client.ts';
import { type ClientBench, codeOf, EVERYTHING, NOTHING } from '../client-bench.ts';
import type { ClientCase } from '../client-case.ts';
import { receipts, type SaleContext, Shop, sale } from '../shop.ts';

/** The reply to COMMIT never comes: what became of it is asked of the server, never assumed (traps 19, 50). */
export const lostCommitCases: readonly ClientCase[] = [
  {
    name: 'trap 19: the reply to COMMIT is lost after it was made: the message is handled once',
    async run(bench) {
      await using wire = await Wire.to(bench);
      let runs = 0;
      const shop = Shop.handling(wire.client.store, async (context) => {
        runs += 1;
        await wire.sell(context);
        wire.loseCommit('cut-reply');
      });
      expect(await shop.process('reply lost')).toEqual(['duplicate']);
      expect(runs).toBe(1);
      expect(await bench.trace('reply lost')).toEqual(EVERYTHING);
    },
  },
  {
    name: 'trap 50: COMMIT is lost before it reached the server: nothing is there, and a redelivery makes it',
    async run(bench) {
      await using wire = await Wire.to(bench);
      let runs = 0;
      const shop = Shop.handling(wire.client.store, async (context) => {
        runs += 1;
        await wire.sell(context);
        if (runs === 1) wire.loseCommit('cut-before-request');
      });
      expect(await shop.process('commit lost')).toEqual(['released']);
      expect(await bench.trace('commit lost')).toEqual(NOTHING);
      expect(await shop.process('commit lost')).toEqual(['done']);
      expect(await bench.trace('commit lost')).toEqual(EVERYTHING);
    },
  },
  {
    name: 'traps 19, 50: semel.transaction gives its result, or says that nothing was written',
    async run(bench) {
      await using wire = await Wire.to(bench);
      const { semel } = Shop.handling(wire.client.store, () => {});
      const place = (id: string, fault: 'cut-reply' | 'cut-before-request') =>
        semel.transaction(async ({ tx, publish }) => {
          await wire.client.insert(tx, sale(id));
          await publish(receipts, sale(id));
          wire.loseCommit(fault);
          return id;
        });
      expect(await place('result lost', 'cut-reply')).toBe('result lost');
      expect(await bench.trace('result lost')).toEqual({ ...EVERYTHING, record: 0 });
      expect(await codeOf(place('never written', 'cut-before-request'))).toBe('store-unavailable');
      expect(await bench.trace('never written')).toEqual(NOTHING);
    },
  },
];

/** The library behind a proxy. */
class Wire implements AsyncDisposable {
  readonly client: TestClient;
  readonly #bench: ClientBench;
  readonly #proxy: FaultProxy;

  private constructor(bench: ClientBench, client: TestClient, proxy: FaultProxy) {
    this.client = client;
    this.#bench = bench;
    this.#proxy = proxy;
  }

  static async to(bench: ClientBench): Promise<Wire> {
    const url = new URL(bench.url);
    const proxy = await faultProxy({ to: { host: url.hostname, port: Number(url.port) } });
    url.host = `${proxy.host}:${proxy.port}`;
    return new Wire(bench, await bench.another(url.href), proxy);
  }

  async sell({ message, tx, publish }: SaleContext): Promise<void> {
    await this.client.insert(tx, message.data);
    await publish(receipts, message.data);
  }

  /** Lets it happen to the next COMMIT. */
  loseCommit(then: 'cut-reply' | 'cut-before-request'): void {
    this.#proxy.once({ request: /commit\0/i, then, ...(then === 'cut-reply' ? { reply: 'COMMIT\0' } : {}) }).catch(() => {}); // the test would miss it
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench.release(this.client);
    await this.#proxy.close();
  }
}

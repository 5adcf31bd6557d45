import { createSemel } from 'semel';
import { sqlite } from 'semel/sqlite';
import { type Backlog, EffectClock } from '../backlog.ts';
import { BUSINESS_TABLE, INSERT_PAYMENT, paymentOf } from '../business.ts';
import { kept } from '../files.ts';
import { fillBacklog } from '../fill.ts';
import type { Contender, OpenContender, Sample } from '../measure.ts';
import { nextDeliveries, orders, SERVICE } from '../messages.ts';
import type { Shop } from './semel-inserts.ts';

/** A started service that works off the backlog of a local topic, in groups of 100; where it is small, it is filled up again between sections. */
export function semelLocal(backlog: Backlog): OpenContender {
  return async ({ folder }) => {
    const { path, made } = kept(folder, backlog.name, backlog.keep);
    const shop = createSemel({ name: SERVICE, store: sqlite(path) });
    const local = new SemelLocal(shop, backlog);
    await local.join();
    if (!made) {
      await shop.transaction(({ tx }) => tx.exec(BUSINESS_TABLE));
      fillBacklog(path, backlog.size);
    }
    return local;
  };
}

class SemelLocal implements Contender {
  readonly #shop: Shop;
  readonly #backlog: Backlog;
  #tick = (): void => {};

  constructor(shop: Shop, backlog: Backlog) {
    this.#shop = shop;
    this.#backlog = backlog;
  }

  async join(): Promise<void> {
    const payments = this.#shop.consume(orders, { name: 'payments' }, ({ message, tx }) => {
      tx.prepare(INSERT_PAYMENT).run(...paymentOf(message, Date.now()));
      this.#tick();
    });
    await this.#shop.processor(payments);
  }

  async run(ms: number): Promise<Sample> {
    let ended = (_over: boolean): void => {};
    const section = (): Promise<boolean> =>
      new Promise((resolve) => {
        ended = resolve;
      });
    const clock = new EffectClock(this.#backlog, ms, (over) => ended(over));
    this.#tick = () => clock.tick();
    let over = section();
    const running = await this.#shop.start();
    while (!(await over)) {
      over = section();
      if (this.#backlog.refill) await this.#publish(this.#backlog.section);
    }
    await running.stop();
    return { rate: clock.rate };
  }

  close(): Promise<void> {
    return this.#shop.close();
  }

  async #publish(count: number): Promise<void> {
    await this.#shop.transaction(async ({ publish }) => {
      for (const { content } of nextDeliveries(count)) await publish(orders, content.message.data);
    });
  }
}

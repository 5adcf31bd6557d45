import type { StoreCapabilities } from '../core/store.ts';

/** What a database like Postgres can do. */
export const CAPABLE: StoreCapabilities = {
  transactions: 'interactive',
  durable: true,
  shared: true,
  enlist: true,
  inbox: true,
  queue: true,
  positions: true,
  journal: false,
  replays: true,
};

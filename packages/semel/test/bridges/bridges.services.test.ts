import { type Bridge, bridgeTests } from './matrix.ts';

const BROKERS = ['kafka', 'rabbitmq', 'sqs'];

/** Every pair of two brokers, of a broker and a database before it, and of a database and a broker behind it. */
const pairwise: readonly Bridge[] = BROKERS.flatMap((source, row) => BROKERS.map((sink, column) => ({ source, sink, store: (row + column) % 2 === 0 ? 'sqlite' : 'postgres' })));

bridgeTests(pairwise);

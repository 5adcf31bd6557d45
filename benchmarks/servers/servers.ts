import { Client } from 'pg';
import { ownFleet } from '../../scripts/services/borrow.ts';
import { elasticmq } from '../../scripts/services/elasticmq.ts';
import type { Fleet } from '../../scripts/services/fleet.ts';
import { kafka } from '../../scripts/services/kafka.ts';
import { postgres } from '../../scripts/services/postgres.ts';
import { rabbitmq } from '../../scripts/services/rabbitmq.ts';
import type { Service } from '../../scripts/services/service.ts';
import { installPeers } from './peers.ts';
import { redis } from './redis.ts';
import { slowFlush } from './slow-flush.ts';

/** As Postgres comes, which is not how the tests have it. */
const DEFAULTS = { wal_level: 'replica', max_connections: '100', max_wal_senders: '10', max_replication_slots: '10' };

const BROKERS = { redis, kafka: kafka('bench-kafka'), rabbitmq: rabbitmq('bench-rabbitmq', '4.0'), sqs: elasticmq('bench-elasticmq') } satisfies Record<string, Service>;

/** A broker that contenders may ask for. */
export type BrokerName = keyof typeof BROKERS;

/** Servers of this run alone, each started when it is first asked for. */
export class Servers {
  readonly #given: string | undefined;
  readonly #starting = new Map<string, Promise<string>>();
  #fleet: Promise<Fleet> | undefined;
  #peers: Promise<void> | undefined;

  /** @param given the address of a Postgres to measure on, instead of one that this run starts */
  constructor(given?: string) {
    this.#given = given;
  }

  /** The address of a Postgres, as superuser. */
  async postgres(): Promise<string> {
    return this.#given ?? this.#started(postgres('bench-postgres', 'installed', DEFAULTS));
  }

  /** Another one, whose every flush takes a millisecond more. Rejects with {@link Unavailable} where it cannot be made slow. */
  slowPostgres(): Promise<string> {
    return this.#started(slowFlush(postgres('bench-slow-postgres', 'installed', DEFAULTS)));
  }

  /** The address of a broker. Rejects where it cannot be had: with {@link Unavailable} for Redis, which no registry of packages has. */
  broker(name: BrokerName): Promise<string> {
    return this.#started(BROKERS[name]);
  }

  /** Installs the packages of the peers. Rejects with {@link Unavailable} where they cannot be had. */
  peers(): Promise<void> {
    this.#peers ??= installPeers();
    return this.#peers;
  }

  /** The version of the Postgres that was asked for; undefined where none was. */
  async postgresVersion(): Promise<string | undefined> {
    const url = this.#given ?? (await (this.#starting.get('bench-postgres') ?? this.#starting.get('bench-slow-postgres')));
    if (url === undefined) return undefined;
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version;
    } finally {
      await client.end();
    }
  }

  /** Ends them and removes their data. */
  async stop(): Promise<void> {
    await (await this.#fleet)?.dissolve();
  }

  #started(service: Service): Promise<string> {
    const { name } = service;
    const starting = this.#starting.get(name) ?? this.#start(service);
    this.#starting.set(name, starting);
    return starting;
  }

  async #start(service: Service): Promise<string> {
    this.#fleet ??= ownFleet();
    return (await this.#fleet).up(service);
  }
}

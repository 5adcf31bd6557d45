import { elasticmq } from './elasticmq.ts';
import { fauxqs } from './fauxqs.ts';
import { kafka } from './kafka.ts';
import { localstack } from './localstack.ts';
import { moto } from './moto.ts';
import { pgbouncer } from './pgbouncer.ts';
import { postgres } from './postgres.ts';
import { rabbitmq } from './rabbitmq.ts';
import type { Service } from './service.ts';

/** Every service; what stands in front of another comes after it. */
const SERVICES: readonly Service[] = [
  postgres('postgres', 'installed'),
  postgres('postgres-15', '15.18.0-beta.17'),
  postgres('postgres-16', '16.14.0-beta.17'),
  postgres('postgres-17', '17.10.0-beta.17'),
  pgbouncer('pgbouncer', 'postgres'),
  kafka('kafka'),
  rabbitmq('rabbitmq', '4.0'),
  rabbitmq('rabbitmq-3', '3.10'),
  elasticmq('elasticmq'),
  fauxqs('fauxqs'),
  localstack('localstack'),
  moto('moto'),
];

/** Those that few tests use start where they are named, or where such a test runs. */
const RARE: readonly string[] = ['localstack', 'moto'];

/** The names of all others. */
export const USUAL: readonly string[] = SERVICES.map(({ name }) => name).filter((name) => !RARE.includes(name));

/** The services of exactly these names; all of them where none is given. Throws where a name is unknown. */
export function named(names: readonly string[], services: readonly Service[] = SERVICES): readonly Service[] {
  const known = services.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no service is called ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return services.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** As `named()`, with the services that they need, in the order to start them. */
export function withNeeds(names: readonly string[], services: readonly Service[] = SERVICES): readonly Service[] {
  const wanted = new Set(named(names, services));
  for (const service of services.toReversed()) if (wanted.has(service)) for (const need of service.needs) for (const each of named([need], services)) wanted.add(each);
  return services.filter((service) => wanted.has(service));
}

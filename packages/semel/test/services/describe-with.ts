import { describe } from 'vitest';

/** A service by the name that `npm run services` gives it. */
export type ServiceName =
  | 'postgres'
  | 'postgres-15'
  | 'postgres-16'
  | 'postgres-17'
  | 'pgbouncer'
  | 'kafka'
  | 'rabbitmq'
  | 'rabbitmq-3'
  | 'elasticmq'
  | 'fauxqs'
  | 'localstack'
  | 'moto';

/** The address of a service, from its variable (`SEMEL_TEST_POSTGRES_15` for `postgres-15`); `undefined` where it cannot be had. */
export function serviceUrl(name: ServiceName): string | undefined {
  return process.env[variableOf(name)];
}

/** A `describe` of what needs a service. Where that cannot be had its tests are skipped, and the reason stands in their names. */
export function describeWith(name: ServiceName, title: string, tests: () => void): void {
  if (serviceUrl(name) !== undefined) describe(title, tests);
  else describe.skip(`${title} [no ${name}: ${process.env[`${variableOf(name)}_MISSING`] ?? `${variableOf(name)} is not set`}]`, tests);
}

function variableOf(name: ServiceName): string {
  return `SEMEL_TEST_${name.replaceAll('-', '_').toUpperCase()}`;
}

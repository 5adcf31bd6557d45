import { SemelError } from '../../core/errors.ts';
import { postgresSettings } from '../../stores/postgres/postgres-options.ts';

/** The parts of `postgres://user@host/db?schema=semel`. */
export interface PostgresAddress {
  /** As pg takes it: without the schema, which is none of its business. */
  readonly connectionString: string;
  readonly schema: string;
  /** What may be shown: without a password, and without whatever else might be secret. */
  readonly shown: string;
}

/** Whether it is for {@link postgresAddressOf}. */
export function isPostgresAddress(address: string): boolean {
  return /^postgres(ql)?:/i.test(address);
}

/**
 * Reads an address; what it leaves open pg takes from `PGHOST`, `PGPASSWORD` and the like.
 * @param where it was given, for the error; which never repeats the address
 * @throws SemelError `bad-option`
 */
export function postgresAddressOf(address: string, where: string): PostgresAddress {
  const parts = /^postgres(?:ql)?:(?:\/\/)?([^?#]*)\??([^#]*)$/i.exec(address);
  if (parts === null)
    throw new SemelError('bad-option', `${where} is no address of Postgres, which is postgres://user@host:5432/database?schema=semel; what is special in a password is %-encoded`);
  const [, place = '', query = ''] = parts;
  const pairs = query.split('&').filter((pair) => pair !== '');
  const isSchema = (pair: string) => pair.startsWith('schema=');
  const given = pairs.filter(isSchema).map((pair) => decodeURIComponent(pair.slice('schema='.length)))[0];
  const { schema } = postgresSettings(where, given === undefined ? {} : { schema: given });
  const rest = pairs.filter((pair) => !isSchema(pair)).join('&');
  return { connectionString: `postgres://${place}${rest === '' ? '' : `?${rest}`}`, schema, shown: `postgres://${withoutPassword(place)}?schema=${schema}` };
}

/** The password ends with the last `@` and begins with the first `:`. */
function withoutPassword(place: string): string {
  const end = place.lastIndexOf('@');
  return end < 0 ? place : `${place.slice(0, end).replace(/:.*$/s, '')}${place.slice(end)}`;
}

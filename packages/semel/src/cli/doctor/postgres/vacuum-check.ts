import { formatDuration } from '../../../core/duration.ts';
import { type Found, ok } from '../finding.ts';
import { commands, type Examination, setting, type Trouble, warnAll } from './examination.ts';

/** Dead rows beyond which a table is looked at, and how many times what sets autovacuum off they must be. */
const MANY = 50_000;
const OVERDUE = 4;

interface HotTable {
  readonly name: string;
  readonly dead: number;
  readonly live: number;
  /** Dead rows that set autovacuum off. */
  readonly due: number;
  readonly disabled: boolean;
  readonly vacuumedMs: number | null;
}

/** Rows come and go in these by the message: what is dead and stays makes every lease slower. */
export async function vacuum({ connection, schema, thresholds: { maxIdleMs } }: Examination): Promise<Found> {
  const server = await connection.get<{ enabled: boolean }>("select current_setting('autovacuum')::boolean as enabled");
  const tables = await connection.all<HotTable>(TABLES);
  const overdue = tables.filter(({ dead, due }) => dead > MANY && dead > due * OVERDUE);
  const troubles: readonly Trouble[] = [
    ...(server?.enabled ? [] : [{ found: 'autovacuum is off', todo: `${commands(setting('autovacuum', 'on'))}.` }]),
    ...tables
      .filter(({ disabled }) => disabled)
      .map(({ name }) => ({ found: `${name}: autovacuum is disabled`, todo: `\`alter table ${schema}.${name} reset (autovacuum_enabled)\`.` })),
    ...(overdue.length === 0 ? [] : await connection.all<Trouble>(HOLDER, maxIdleMs)), // before the vacuum, which would be for nothing
    ...overdue.map((table) => ({ found: told(table), todo: `\`vacuum ${schema}.${table.name}\`.` })),
  ];
  return troubles.length > 0 ? warnAll(troubles) : ok(`keeps up: ${tables.map(({ name, dead }) => `${name} ${dead} dead`).join(', ')}`);
}

function told({ name, dead, live, vacuumedMs }: HotTable): string {
  return `${name}: ${dead} dead rows beside ${live}, vacuumed ${vacuumedMs === null ? 'never' : `${formatDuration(vacuumedMs)} ago`}`;
}

const TABLES = `select c.relname as name, s.n_dead_tup::float8 as dead, s.n_live_tup::float8 as live, coalesce(not o.enabled, false) as disabled,
    coalesce(o.threshold, current_setting('autovacuum_vacuum_threshold')::float8) + coalesce(o.scale, current_setting('autovacuum_vacuum_scale_factor')::float8) * greatest(c.reltuples, 0) as due,
    (extract(epoch from clock_timestamp() - greatest(s.last_autovacuum, s.last_vacuum)) * 1000)::float8 as "vacuumedMs"
  from pg_class c join pg_stat_user_tables s on s.relid = c.oid cross join lateral (
    select max(option_value) filter (where option_name = 'autovacuum_vacuum_threshold')::float8 as threshold,
      max(option_value) filter (where option_name = 'autovacuum_vacuum_scale_factor')::float8 as scale,
      max(option_value) filter (where option_name = 'autovacuum_enabled')::boolean as enabled
    from pg_options_to_table(c.reloptions)) o
  where c.relnamespace = '{s}'::regnamespace and c.relname in ('queue', 'leases', 'messages', 'inbox') order by c.relname`;

/** Who has kept dead rows alive for the longest: no vacuum removes what they might see. */
const HOLDER = `select found, todo from (
    select age(backend_xmin) as age, format('pid %s (%s) keeps dead rows, in a transaction since %s', pid, coalesce(nullif(application_name, ''), usename), date_trunc('second', xact_start)) as found,
      format('\`select pg_terminate_backend(%s, 5000)\`.', pid) as todo
    from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and clock_timestamp() - xact_start > make_interval(secs => $1::float8 / 1000)
    union all select age(transaction), format('the prepared transaction %L keeps dead rows', gid), format('\`rollback prepared %L\`.', gid) from pg_prepared_xacts where database = current_database()
    union all select age(xmin), format('the slot %s keeps dead rows, for a replica', slot_name), format('\`select pg_drop_replication_slot(%L)\`, if its replica is gone.', slot_name) from pg_replication_slots
  ) holders where age is not null order by age desc limit 1`;

import { setTimeout } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import type { Role } from './broker.ts';
import type { BrokerCrew } from './crew.ts';

/** Kills one of the processes after another at random instants, and starts another in its place; in the end all are killed. */
export async function killAtRandom(crew: BrokerCrew, { kills, seed, roles }: { readonly kills: number; readonly seed: number; readonly roles: readonly Role[] }): Promise<void> {
  const random = seededRandom(seed);
  const workers = roles.map((role) => ({ role, child: crew.spawn(role) }));
  for (let killed = 0; killed < kills; killed++) {
    await setTimeout(300 + random() * 1_200);
    const victim = workers[Math.floor(random() * workers.length)] as (typeof workers)[number];
    await crew.kill(victim.child);
    victim.child = crew.spawn(victim.role);
  }
  for (const { child } of workers) await crew.kill(child);
}

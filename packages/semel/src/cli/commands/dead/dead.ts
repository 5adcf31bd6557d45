import type { Command } from 'commander';
import type { Act } from '../../invocation.ts';
import { addDiscard } from './discard.ts';
import { addList } from './list.ts';
import { addRedrive } from './redrive.ts';
import { addShow } from './show.ts';

/** `semel dead`: the messages that gave up. */
export function addDead(program: Command, act: Act): void {
  const dead = program.command('dead').description('the messages that gave up: list, show, redrive, discard');
  for (const add of [addList, addShow, addRedrive, addDiscard]) add(dead, act);
}

import * as semel from 'semel';
import * as sqlite from 'semel/sqlite';
import effectOnce from './effect-once.cjs';

await effectOnce(semel, sqlite);

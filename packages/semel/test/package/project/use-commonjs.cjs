'use strict';
const semel = require('semel');
const sqlite = require('semel/sqlite');
const effectOnce = require('./effect-once.cjs');

effectOnce(semel, sqlite);

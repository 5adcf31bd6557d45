/** Loaded into each forked process, so that it ends when the one that forked it is gone, however that went. */
process.once('disconnect', () => process.exit());
process.channel?.unref(); // watching the parent is no reason to live on

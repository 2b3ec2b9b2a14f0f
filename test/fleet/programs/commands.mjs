/** Answers the driver's commands over the channel of the fork. Ends with the driver, however that ends. */
export function serveCommands(commands) {
  process.on('message', ({ id, command, args }) => {
    Promise.resolve(args)
      .then((given) => commands[command](...given))
      .then((result) => send({ id, result }))
      .catch((error) => send({ id, error: error instanceof Error ? error.stack : String(error) }));
  });
  process.on('disconnect', endAtOnce);
}

/** Closes the channel, so that nothing of the driver keeps this process alive. */
export function stopServing() {
  process.off('disconnect', endAtOnce);
  if (process.connected) {
    process.disconnect();
  }
}

/** Sends the driver a message without a request. */
export function tell(notice, details = {}) {
  send({ notice, details });
}

function send(message) {
  if (process.connected) {
    // The driver may be gone by the time it is written.
    process.send(message, () => undefined);
  }
}

function endAtOnce() {
  process.exit(1);
}

import net from 'node:net';

// Below the range the system hands out to outgoing connections (32768 up on Linux, 49152 up elsewhere): a port that
// is given back for a moment, as at a restart, is not taken by somebody's client meanwhile.
const first = 20_000;
const count = 12_000;

export async function freePort() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = first + Math.floor(Math.random() * count);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${first} and ${first + count}`);
}

function isFree(port) {
  return new Promise(resolve => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

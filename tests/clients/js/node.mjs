// Starts a fresh development node for a test file and stops it at the end.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The folder of the workspace. */
export const ROOT = join(import.meta.dirname, '../../..');
const targetDir = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
export const BINARY = process.env.CITRATE_BIN ?? join(targetDir, 'debug', 'citrate');

const START_TIMEOUT_MS = 180_000;

/** A TCP port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The runtime's blob with these features, as hex; built unless it is there already. */
export async function runtimeBlob(...features) {
  const args = ['run', '--quiet', '--locked', '--package', 'citrate-wasm-builder', '--'];
  const command = [...args, join(ROOT, 'runtime/Cargo.toml'), ...features];
  const { stdout } = await promisify(execFile)('cargo', command, { cwd: ROOT });
  return `0x${readFileSync(stdout.trimEnd()).toString('hex')}`;
}

/** One JSON-RPC call over HTTP. */
export async function rpc(http, method, params = []) {
  const response = await fetch(http, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = await response.json();
  if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.result;
}

/** Starts `citrate --dev`, or a node of another chain, on a free port; resolves once it answers. */
export async function startNode(extraArgs = [], chainArgs = ['--dev']) {
  const port = await freePort();
  const base = mkdtempSync(join(tmpdir(), 'citrate-test-'));
  const args = [...chainArgs, '--base-path', base, '--rpc-port', String(port), ...extraArgs];
  const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let spawnError;
  child.once('error', (error) => (spawnError = error));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (log = (log + chunk).slice(-20_000)));
  }
  const http = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (spawnError) throw new Error(`no node to test: ${spawnError.message}; see \`make node\``);
    if (child.exitCode !== null) throw new Error(`the node exited:\n${log}`);
    if (Date.now() > deadline) throw new Error(`the node did not start:\n${log}`);
    try {
      const header = await rpc(http, 'chain_getHeader');
      if (Number(header.number) >= 1) break;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    http,
    ws: `ws://127.0.0.1:${port}`,
    base,
    log: () => log,
    rpc: (method, params) => rpc(http, method, params),
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const code = child.exitCode ?? (await exited);
      rmSync(base, { recursive: true, force: true });
      return code;
    },
  };
}

// A WebSocket proxy that hides the new JSON-RPC groups, as a node without them would look.
import { WebSocket, WebSocketServer } from 'ws';

const HIDDEN = /^(chainHead|chainSpec|transaction|transactionWatch|archive)_/;

/** Listens on a free port and forwards to `upstream`; resolves to its URL and a way to close it. */
export function legacyOnlyProxy(upstream) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (client) => {
    const node = new WebSocket(upstream);
    const listings = new Set();
    const waiting = [];
    const forward = (text) =>
      node.readyState === WebSocket.OPEN ? node.send(text) : waiting.push(text);
    node.on('open', () => waiting.splice(0).forEach((text) => node.send(text)));
    client.on('message', (data) => {
      const request = JSON.parse(data);
      if (request.method === 'rpc_methods') listings.add(request.id);
      if (HIDDEN.test(request.method)) {
        const error = { code: -32601, message: 'Method not found' };
        client.send(JSON.stringify({ jsonrpc: '2.0', id: request.id, error }));
      } else {
        forward(data.toString());
      }
    });
    node.on('message', (data) => {
      const answer = JSON.parse(data);
      if (listings.delete(answer.id)) {
        answer.result.methods = answer.result.methods.filter((name) => !HIDDEN.test(name));
      }
      client.send(JSON.stringify(answer));
    });
    client.on('close', () => node.close());
    node.on('close', () => client.close());
  });
  return new Promise((resolve) => {
    server.on('listening', () =>
      resolve({
        url: `ws://127.0.0.1:${server.address().port}`,
        close: () => {
          server.clients.forEach((client) => client.terminate());
          return new Promise((done) => server.close(done));
        },
      }));
  });
}

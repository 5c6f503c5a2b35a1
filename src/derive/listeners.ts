import type { Listener } from '../evidence/readings.ts';

/** 127.0.0.0/8 or ::1: reachable only from inside the Pod. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

/** Sockets on this port that other Pods can reach. */
export function reachableOn(listeners: readonly Listener[], port: number): readonly Listener[] {
  return listeners.filter((socket) => socket.port === port && !isLoopback(socket.address));
}

/** `127.0.0.1:8080`, `*:8080`. */
export function socketText(socket: Listener): string {
  return socket.address.includes(':') ? `[${socket.address}]:${socket.port}` : `${socket.address}:${socket.port}`;
}

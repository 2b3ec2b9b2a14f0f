import { createWith } from './axios-auth-refresh.mjs';
import { requestToken } from './request-token.mjs';

export async function create(server) {
  const token = server.adapter && (await requestToken(server)).access_token;
  return createWith({ ...server, token }, { deduplicateRefresh: false });
}

import { createHmac, randomUUID } from 'node:crypto';

const phoneDomain = '@phone.invalid';

/**
 * What the embedded server lacks of Supabase Auth: anonymous users, codes by phone, and a place where tests read the codes that were sent. A phone is an
 * address of a domain that does not exist to the embedded server, and a phone to everybody else.
 */
export class Auth {
  #codes = new Map(); #jwtSecret; #execute;

  constructor(jwtSecret, execute) {
    this.#jwtSecret = jwtSecret;
    this.#execute = execute;
  }

  /** Takes the mails of the embedded server. */
  mail = {
    send: async message => {
      const code = /\b\d{6}\b/.exec(message.text ?? message.html ?? '')?.[0];
      if (code) this.#codes.set(message.to, code);
    },
  };

  async answer(request, serve) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/local/code') return this.#readCode(searchParams.get('to') ?? '');
    if (request.method !== 'POST' || !pathname.startsWith('/auth/v1/')) return await serve(request);
    const text = await request.text();
    const body = parse(text);
    const forward = value => serve(new Request(request.url, { method: 'POST', headers: withoutLength(request.headers), body: value }));
    switch (pathname) {
      case '/auth/v1/signup':
        return body && !body.email && !body.phone ? await this.#signUpAnonymously(forward) : await forward(text);
      case '/auth/v1/otp':
        return body?.phone ? await sendToPhone(body, forward) : await forward(text);
      case '/auth/v1/verify':
        return await this.#rewrite(await forward(byCode(body) ? JSON.stringify({ type: 'magiclink', email: body.email ?? addressOf(body.phone), token: body.token }) : text));
      case '/auth/v1/token':
        return await this.#rewrite(await forward(text));
      default:
        return await forward(text);
    }
  }

  #readCode(to) {
    const code = this.#codes.get(to.includes('@') ? to.toLowerCase() : addressOf(to));
    return code ? Response.json({ code }) : Response.json({ msg: 'No code was sent to this address.' }, { status: 404 });
  }

  async #signUpAnonymously(forward) {
    const response = await forward(JSON.stringify({ email: `${randomUUID()}@anonymous.invalid`, password: randomUUID() }));
    if (!response.ok) return response;
    const session = await response.json();
    await this.#execute(`update auth.users set email = null, is_anonymous = true, raw_app_meta_data = '{}' where id = '${session.user.id}'`);
    return await this.#rewrite(Response.json(session));
  }

  /** Says in a session and in its token what Supabase Auth says about such users. */
  async #rewrite(response) {
    if (!response.ok) return response;
    const session = await response.json();
    const user = session.user ?? {};
    if ((await this.#execute(`select is_anonymous from auth.users where id = '${user.id}'`))[0]?.is_anonymous) {
      Object.assign(user, { email: '', is_anonymous: true, app_metadata: {}, user_metadata: {}, identities: [] });
      session.access_token = this.#sign(session.access_token, { email: '', is_anonymous: true });
    } else if (user.email?.endsWith(phoneDomain)) {
      const phone = user.email.slice(0, -phoneDomain.length);
      Object.assign(user, { email: '', phone });
      session.access_token = this.#sign(session.access_token, { email: '', phone });
    }
    return Response.json(session, { headers: response.headers.has('cache-control') ? { 'cache-control': response.headers.get('cache-control') } : {} });
  }

  #sign(token, claims) {
    const [header, payload] = token.split('.');
    const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...claims };
    const signed = `${header}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}`;
    return `${signed}.${createHmac('sha256', this.#jwtSecret).update(signed).digest('base64url')}`;
  }
}

async function sendToPhone(body, forward) {
  const response = await forward(JSON.stringify({ email: addressOf(body.phone), create_user: body.create_user }));
  return response.ok ? Response.json({ message_id: randomUUID() }) : response;
}

// Supabase Auth calls a code by mail "email" and one by phone "sms"; the embedded server knows the link of the same mail only.
const byCode = body => (body?.type === 'email' && body.email) || (body?.type === 'sms' && body.phone);

const addressOf = phone => phone.replace(/^\+/, '') + phoneDomain;

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}

function withoutLength(headers) {
  const copy = new Headers(headers);
  copy.delete('content-length');
  return copy;
}

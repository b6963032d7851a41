// A super_admin for tests, made as an operator makes one.
import { PASSWORD, newAddress, signIn } from './accounts.mjs';

// Signed in: { id, email, access_token, refresh_token }; the password is everybody's.
export async function addOperator(stack, email = newAddress('operator')) {
	stack.command(['admin', 'add', email, 'Olga Operator', '--password-stdin'], { input: `${PASSWORD}\n` });
	const [{ id }] = await stack.sql('SELECT id FROM person WHERE email = $1', [email]);
	return { ...(await signIn(stack, email)).json, id, email };
}

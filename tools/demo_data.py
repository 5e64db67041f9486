# Run by `odoo shell` in a new database: users who can talk to each other, and a few messages.
from markupsafe import Markup

from odoo import Command

env = globals()["env"]


def make_user(login, name):
    user = env["res.users"].with_context(no_reset_password=True).create({
        "name": name,
        "login": login,
        "email": f"{login}@example.com",
        "group_ids": [Command.set([env.ref("base.group_user").id])],
    })
    # Straight into the table's own format: a policy on the length of passwords has no say here.
    env.cr.execute(
        "UPDATE res_users SET password = %s WHERE id = %s",
        [env["res.users"]._crypt_context().hash(login), user.id],
    )
    return user


def chat(user, other, messages):
    channel = env["discuss.channel"].with_user(user)._get_or_create_chat([other.partner_id.id])
    for author, text in messages:
        channel.with_user(author).with_context(mail_create_nosubscribe=True).message_post(
            body=Markup("<p>%s</p>") % text,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )


admin = env.ref("base.user_admin")
marc = make_user("marc", "Marc Demo")
julia = make_user("julia", "Julia Keller")
# In the inbox, so that nothing ever waits for a mail server.
(admin | marc | julia).write({"notification_type": "inbox"})

chat(marc, julia, [
    (marc, "Did the delivery for Hamburg arrive?"),
    (julia, "Yes, ten minutes ago. All complete."),
])
chat(marc, admin, [
    (marc, "I have five tabs open and hear one beep. Is that right?"),
    (admin, "That is how it should be."),
])
chat(julia, admin, [
    (julia, "Open the address in two browsers, one as me and one as Marc, and write something."),
    (admin, "On my way."),
])
env.cr.commit()

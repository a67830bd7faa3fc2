"""Carriers against servers that really listen: SMTP, HTTP gateways, push services."""

from __future__ import annotations

import json
import socket
import stat
from email import message_from_bytes
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.core.exceptions import ImproperlyConfigured

from ressort.config.settings import _mailer
from ressort.core.clock import wall_now
from ressort.core.notify import channels, delivery, webpush
from ressort.core.notify.channels import NotSent, Parcel, carrier
from ressort.core.notify.models import Message, Preference, Subscription
from ressort.core.notify.sending import Recipient, send
from tests import worlds
from tests.core.notify.carriers import browser

pytestmark = pytest.mark.django_db
PARCEL = Parcel("k/sms", "+33612345678", "Titre", 'Un « texte » {key} avec "guillemets" & compagnie')


# ------------------------------------------------------------------ e-mail


class Post:
    """A mail server's mind: what it received, and whom it does not know."""

    def __init__(self):
        self.received, self.refuses = [], ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library calls it so
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library calls it so
        self.received.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def post(settings):
    """A mail server on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mind = Post()
    controller = Controller(mind, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAILERS = {"default": _mailer(f"smtp://127.0.0.1:{port}")}
    settings.DEFAULT_FROM_EMAIL = "Valmont <bus@valmont.example>"
    yield mind
    controller.stop()


def test_an_e_mail_arrives_whole_on_a_real_server(still_clock, post):
    to = Recipient.guest(email="lea@exemple.fr")
    [row] = send("test.alert", key="k", to=to, subject="b_1", context="Léa à « l'arrêt »")
    assert delivery.deliver("email") == 1
    [received] = post.received
    assert received["To"] == "lea@exemple.fr"
    assert "bus@valmont.example" in received["From"]
    text = received.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")
    assert text.strip() == row.body
    assert "Corps pour Léa à « l'arrêt »." in text
    row.refresh_from_db()
    assert row.state == "sent"
    assert received["Message-ID"] == row.provider
    assert row.provider.endswith("@valmont.example>")


def test_the_same_parcel_twice_is_the_same_message_for_the_mail_server(post):
    parcel = Parcel("k/email", "lea@exemple.fr", "Titre", "Corps")
    assert carrier("email").carry(parcel) == carrier("email").carry(parcel)
    assert len({received["Message-ID"] for received in post.received}) == 1


def test_a_sign_in_link_reaches_its_person_and_is_erased(still_clock, post):
    secret = "https://ici.example/connexion/lien/s3cr3t/"
    [row] = send("account.link", key="k", to=Recipient.person(worlds.person("rosa")), secret=secret)
    delivery.deliver("email")
    assert secret in post.received[0].get_payload(decode=True).decode()
    row.refresh_from_db()
    assert (row.state, row.secret, row.had_secret) == ("sent", "", True)
    assert "s3cr3t" not in row.body


@pytest.mark.parametrize(
    ("said", "state", "dead"),
    [
        ("550 5.1.1 No such user", "bounced", True),
        ("550 unknown", "bounced", True),
        ("554 5.7.1 Relay access denied", "failed", False),
        ("450 4.2.1 Try later", "waiting", False),
    ],
)
def test_a_box_that_does_not_exist_is_not_a_server_that_will_not_have_us(
    still_clock, post, said, state, dead
):
    post.refuses = said
    rosa = worlds.person("rosa")
    [row] = send("test.note", key="k", to=Recipient.person(rosa), context=1)
    delivery.deliver("email")
    row.refresh_from_db()
    assert row.state == state
    assert f"SMTP {said[:3]}" in row.error
    assert rosa.email not in row.error
    kept = Preference.objects.filter(user=rosa).first()
    assert (kept is not None and kept.dead == {"email": rosa.email}) is dead


def test_a_mail_server_that_is_away_is_said(still_clock, settings):
    settings.MAILERS = {"default": _mailer("smtp://127.0.0.1:1")}
    with pytest.raises(NotSent, match="Le serveur SMTP ne répond pas") as caught:
        carrier("email").carry(Parcel("k", "lea@exemple.fr", "Titre", "Corps"))
    assert not caught.value.final


def test_the_address_of_a_mail_server_is_read_strictly():
    options = _mailer("smtp+starttls://moi%40ici:p%2Fw@mail.example")["OPTIONS"]
    assert (options["host"], options["port"], options["use_tls"]) == ("mail.example", 587, True)
    assert (options["username"], options["password"]) == ("moi@ici", "p/w")
    assert _mailer("smtps://mail.example")["OPTIONS"]["port"] == 465
    for wrong in ("mail.example", "http://mail.example", "smtp://"):
        with pytest.raises(ImproperlyConfigured, match="RESSORT_SMTP_URL"):
            _mailer(wrong)


def test_without_a_server_or_a_gateway_messages_are_framed_in_the_terminal(settings, capsys):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    link = f"https://ressort.example/{'x' * 120}"
    carrier("email").carry(Parcel("k", "lea@exemple.fr", "Titre", f"Corps\n{link}"))
    carrier("sms").carry(PARCEL)
    said = capsys.readouterr().out
    assert "Courriel → lea@exemple.fr" in said
    assert link in said
    assert "SMS → +33612345678" in said


# ------------------------------------------------------------------ SMS


def test_a_form_is_filled_once_and_escaped(gateway, settings):
    settings.SMS_BODY = "dest={to}&txt={text}&ref={key}"
    carrier("sms").carry(PARCEL)
    _, headers, body = gateway.received[0]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode()) == {"dest": [PARCEL.address], "txt": [PARCEL.body], "ref": ["k/sms"]}


def test_json_and_the_address_may_hold_the_values(gateway, settings):
    settings.SMS_URL += "?to={to}"
    assert carrier("sms").carry(PARCEL) == "g-1"
    path, _, body = gateway.received[0]
    assert path == "/send?to=%2B33612345678"
    assert json.loads(body)["message"] == PARCEL.body


def test_a_gateway_that_answers_no_json_is_understood(gateway):
    gateway.answers = [(200, b"OK"), (200, b"[1]")]
    assert carrier("sms").carry(PARCEL) == ""
    assert carrier("sms").carry(PARCEL) == ""


def test_a_wrong_token_is_said_as_what_it_is(gateway):
    gateway.answers = [(401, b"")]
    with pytest.raises(NotSent, match="RESSORT_SMS_TOKEN") as caught:
        carrier("sms").carry(PARCEL)
    assert not caught.value.final  # somebody will correct it


# ------------------------------------------------------------------ web push


def test_the_encryption_is_that_of_the_standard():
    """RFC 8291, appendix A."""
    private = int.from_bytes(webpush.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    sealed = webpush.encrypt(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        own=ec.derive_private_key(private, ec.SECP256R1()),
        salt=webpush.decode("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert webpush.encode(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru"
        "3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.fixture
def device(gateway, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.PUSH_HOSTS = ["127.0.0.1"]
    rosa = worlds.person("rosa")
    return Subscription.objects.create(
        user=rosa, endpoint=f"{gateway.url}/push/1", created=wall_now(), **browser()
    )


def test_a_notification_reaches_its_push_service_sealed_and_signed(still_clock, device, gateway, tmp_path):
    rows = send("test.alert", key="k", to=Recipient.person(device.user), context="Rosa")
    assert delivery.deliver("push") == 1
    [(path, headers, body)] = gateway.received
    assert path == "/push/1"
    assert (headers["Content-Encoding"], headers["Urgency"]) == ("aes128gcm", "high")
    assert b"Rosa" not in body
    token, key = (
        part.split("=", 1)[1] for part in headers["Authorization"].removeprefix("vapid ").split(", ")
    )
    signed, _, signature = token.rpartition(".")
    raw = webpush.decode(signature)
    pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), webpush.decode(key))
    public.verify(pair, signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(webpush.decode(signed.split(".")[1]))["aud"] == gateway.url
    assert key == webpush.public_key()
    assert {row.state for row in Message.objects.filter(pk__in=[row.pk for row in rows], channel="push")} == {
        "sent"
    }


def test_the_key_is_made_once_and_readable_by_its_owner_alone(device, tmp_path):
    first = webpush.public_key()
    webpush._key.cache_clear()
    assert webpush.public_key() == first
    assert stat.S_IMODE(Path(tmp_path, "vapid.pem").stat().st_mode) == 0o600


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_left_is_forgotten(still_clock, device, gateway, status):
    [*rows] = send("test.alert", key="k", to=Recipient.person(device.user), context=1)
    gateway.answers = [(status, b"")]
    delivery.deliver("push")
    assert not Subscription.objects.exists()
    assert Message.objects.get(channel="push", pk__in=[row.pk for row in rows]).state == "bounced"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilgoogleapis.com/x",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://moi@fcm.googleapis.com/x",
        "https://10.0.0.1/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_known_push_services_are_called(endpoint):
    assert not channels.acceptable(endpoint)


def test_known_push_services_are_known():
    assert channels.acceptable("https://fcm.googleapis.com/fcm/send/abc")
    assert channels.acceptable("https://updates.push.services.mozilla.com/wpush/v2/abc")

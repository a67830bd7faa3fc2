"""Messages to people: e-mail, SMS, web push, letters.

A service writes a message in its own transaction (``sending.send``); a worker carries it outside of any
(``delivery.deliver``), at least once, under a key that lets the carrier drop the second of two.
"""

"""The control room: what a territory sees and does, on one screen."""

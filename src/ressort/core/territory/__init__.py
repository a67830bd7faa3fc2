"""Territories, their communes, places, areas and calendars."""

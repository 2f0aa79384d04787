"""The settings of one connection: read once, checked once, frozen."""

from outgrow_nb.config.model import Config
from outgrow_nb.config.secret import Secret, cleaned_key
from outgrow_nb.config.settings import Settings, config_folder, resolve
from outgrow_nb.config.urls import is_loopback, origin

__all__ = ["Config", "Secret", "Settings", "cleaned_key", "config_folder", "is_loopback", "origin", "resolve"]

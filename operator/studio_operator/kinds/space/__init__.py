"""Space: an instance, an image and a volume that run one app."""

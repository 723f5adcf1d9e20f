"""Features for requests that give only keys: read online, computed by the kernel that trained the model."""

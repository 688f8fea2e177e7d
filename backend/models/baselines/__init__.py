"""What others use, trained in the same way, to compare with."""

from .fno import FourierOperator as FourierOperator
from .resnet import ResNet as ResNet
from .s4d import S4D as S4D
from .transformer import Transformer as Transformer
